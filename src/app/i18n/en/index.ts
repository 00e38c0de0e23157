/** English: one file for each part of the page. */
import about from './about.json'
import announce from './announce.json'
import app from './app.json'
import augmentation from './augmentation.json'
import awake from './awake.json'
import browser from './browser.json'
import chart from './chart.json'
import collect from './collect.json'
import confusion from './confusion.json'
import data from './data.json'
import engine from './engine.json'
import error from './error.json'
import failure from './failure.json'
import format from './format.json'
import header from './header.json'
import model from './model.json'
import notice from './notice.json'
import panel from './panel.json'
import photo_failure from './photo_failure.json'
import photos from './photos.json'
import preset from './preset.json'
import problem from './problem.json'
import projects from './projects.json'
import reading from './reading.json'
import recipe from './recipe.json'
import results from './results.json'
import resume from './resume.json'
import runs from './runs.json'
import settings from './settings.json'
import start from './start.json'
import train from './train.json'
import tryIt from './try.json'
import watch from './watch.json'

import weights from './weights.json'
import weights_error from './weights_error.json'
import weights_remedy from './weights_remedy.json'

export default {
  about,
  announce,
  app,
  augmentation,
  awake,
  reading,
  recipe,
  watch,
  browser,
  chart,
  collect,
  confusion,
  data,
  engine,
  error,
  failure,
  format,
  header,
  model,
  notice,
  panel,
  photo_failure,
  photos,
  preset,
  problem,
  projects,
  results,
  runs,
  resume,
  settings,
  start,
  train,
  try: tryIt,
  weights,
  weights_error,
  weights_remedy,
}
